# Farrington Flexible by the R package surveillance, run as a program beside ours: months in the file given, a series a line.
suppressPackageStartupMessages(library(surveillance))
counts <- t(as.matrix(read.csv(commandArgs(TRUE)[1], header = FALSE)))
series <- new("sts", observed = counts, freq = 12, start = c(2018, 1))
took <- system.time(found <- farringtonFlexible(series, control = list(
  range = nrow(counts), b = 5, w = 1, noPeriods = 4, pastWeeksNotIncluded = 3, alpha = 0.005, thresholdMethod = "nbPlugin",
  reweight = TRUE, weightsThreshold = 2.58, trend = TRUE, pThresholdTrend = 1, limit54 = c(5, 3), verbose = FALSE)))
cat(sprintf("%.3f %d\n", took[1] + took[2], sum(found@alarm, na.rm = TRUE)))

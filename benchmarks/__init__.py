"""Benchmarks: how much Zicht costs, beside the least that any tool could do."""

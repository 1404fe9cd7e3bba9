"""The attack on a protected publication, as an outsider would lead it. It shares no code with what protects."""

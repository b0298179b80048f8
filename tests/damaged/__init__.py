"""Instances whose records and files are damaged in every way: a scan ends, and says what it does not know."""

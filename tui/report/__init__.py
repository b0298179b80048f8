"""Telling it: an Examination in, bytes of one format out. Each format is a module of its own."""

FORMATS = ("table", "json", "jsonl", "csv")

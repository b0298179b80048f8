"""The commands: each takes its arguments, calls the engine and hands the result to a report."""

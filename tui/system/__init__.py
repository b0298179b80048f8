"""What the operating system recorded on an instance, beside the agent: bytes to records, nothing decided."""

"""What the CodeDeploy agent wrote: bytes in, records out, no decisions."""

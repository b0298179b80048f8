"""What it means: marks, evidence and findings. Touches no disk but through a Root."""

"""What is on disk: a Root to read through, and the Inventory a walk gives."""

"""What a group's next deployments would do: the agent's Install event, played on a model of the disk."""

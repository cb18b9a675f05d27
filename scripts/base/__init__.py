"""What every command builds on: folders, failures, progress, environments, processes and ports."""

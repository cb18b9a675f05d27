"""What every command stands on: folders, failures, progress, environments, processes and ports."""

"""The commands behind `make`, run as `python -m scripts …` or `task-manager …`."""

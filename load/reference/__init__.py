"""A task API as a plain sample has it, to measure ours against."""

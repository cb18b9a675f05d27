"""What a task is and what may happen to it: pure Python and pydantic, no AWS."""

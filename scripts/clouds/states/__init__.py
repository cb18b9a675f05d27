"""Saved states of the embedded cloud: what runs in its process to take them, and to start from one."""

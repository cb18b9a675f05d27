"""From the tasks table's stream to the event bus."""

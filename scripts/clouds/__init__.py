"""Local clouds: programs on this machine that answer like AWS."""

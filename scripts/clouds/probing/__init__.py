"""What a cloud that nobody here started can do: tried with small resources that are removed again."""

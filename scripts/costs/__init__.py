"""What a month costs on AWS: prices and measurements as data, and the arithmetic."""

"""What a month costs on AWS and how much load it takes: workload, prices, quotas, and the arithmetic."""

"""`make bench`: what a cold start and a warm call cost, counted in instructions, beside a plain sample."""

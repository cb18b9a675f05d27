"""`make console`: a page that shows a deployment at work and, on a local cloud, acts on it."""

"""Typed clients of the API, generated from docs/openapi.json: a package for Python, types for TypeScript."""

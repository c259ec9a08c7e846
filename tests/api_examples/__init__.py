"""Records the examples of the API's documentation from real answers: python -m tests.api_examples."""

"""What people do to the product, one function a deed: the pages and the API call the same."""

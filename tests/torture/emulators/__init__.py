"""CRM servers written from the vendors' documentation alone, apart from the product and its own sandbox."""

"""Time expressions -> what they state: a contract's end or term, a budget year, a day to come back."""

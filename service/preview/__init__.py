"""`rekindle preview`: an export in, meanings and dates out; offline, with nothing set up."""

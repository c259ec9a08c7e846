"""The weekly review: a page a week that never changes, and eight lines of it by e-mail or Slack."""

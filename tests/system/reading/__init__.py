"""What readers are shown, and what they are not, of runs that nobody changes."""

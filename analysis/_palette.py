"""Colours of the figures."""

# Okabe and Ito's palette, which stays distinct for all common colour vision.
BLUE, ORANGE, GREEN, GREY = "#0072B2", "#D55E00", "#009E73", "#595959"

"""Files of other programs: networks of vessels in and out."""

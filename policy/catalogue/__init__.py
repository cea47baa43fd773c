"""The rule keys by what they are about: means and amounts, procedure, money and oversight."""

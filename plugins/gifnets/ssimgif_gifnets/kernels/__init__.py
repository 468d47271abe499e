"""Convolutions and the other loops of the networks' inference: arrays in, arrays out."""

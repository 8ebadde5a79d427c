"""The X axis: potential and competency, qualification, integrity."""

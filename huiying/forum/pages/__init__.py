"""The pages of the sample forum, one function each: a View and numbers in, HTML out."""

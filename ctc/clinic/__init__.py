"""Laws of diagnosis, treatment and prognosis: values in, values out; no cells, no vessels."""

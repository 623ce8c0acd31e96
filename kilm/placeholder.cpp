namespace kilm {}

// The compiler wants a source for read_once.hpp.

void write_headers(const char* folder);

int main(int, char** arguments) { write_headers(arguments[1]); }

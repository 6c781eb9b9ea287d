# Takes the programs out of a Markdown text: each ```cpp block with a main becomes <prefix>_<number>.cpp, and its name is
# printed. Usage: awk -v prefix=... -f snippets.awk README.md
/^```cpp/ { inside = 1; text = ""; next }
/^```/ && inside {
  inside = 0
  if (text ~ /int main/) {
    file = prefix "_" ++number ".cpp"
    printf "%s", text > file
    close(file)
    print file
  }
  next
}
inside { text = text $0 "\n" }

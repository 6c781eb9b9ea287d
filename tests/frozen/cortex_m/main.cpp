// A frozen header on a Cortex-M4 without any library: starts, runs the self-test, one reconstruction, and tells by
// semihosting what it took. HEADER and MODEL name the header and its struct.
#include HEADER

extern "C" {
extern std::uint32_t stack_bottom[], stack_top[], data_start[], data_end[], data_load[], bss_start[], bss_end[];

// What a freestanding compiler may call.
void* memcpy(void* to, const void* from, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) static_cast<volatile char*>(to)[i] = static_cast<const char*>(from)[i];
  return to;
}
void* memset(void* to, int value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) static_cast<volatile char*>(to)[i] = static_cast<char>(value);
  return to;
}
[[noreturn]] void start();
[[gnu::section(".vectors"), gnu::used]] const void* const vectors[] = {stack_top, reinterpret_cast<const void*>(start)};
}

namespace {

MODEL model;
float y[MODEL::output_size];

int semihosting(int operation, const void* argument) {
  register int r0 asm("r0") = operation;
  register const void* r1 asm("r1") = argument;
  asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
  return r0;
}
void print(const char* text) { semihosting(4, text); }
void print(const char* name, std::uint32_t value) {
  char digits[12];
  char* place = digits + 11;
  *place = 0;
  do {
    *--place = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  print(name);
  print(place);
  print("\n");
}

volatile std::uint32_t& word(std::uint32_t address) { return *reinterpret_cast<volatile std::uint32_t*>(address); }

}  // namespace

// The emulator counts an instruction as a nanosecond, and SysTick at 25 MHz as 40 of them; it counts 24 bits, down.
void start() {
  for (std::uint32_t *to = data_start, *from = data_load; to < data_end;) *to++ = *from++;
  for (std::uint32_t* to = bss_start; to < bss_end;) *to++ = 0;
  word(0xE000ED88) = 0xFu << 20;  // the floating-point unit, if there is one
  asm volatile("dsb\n isb");
  std::uint32_t* here = nullptr;
  asm volatile("mov %0, sp" : "=r"(here));
  for (std::uint32_t* place = stack_bottom; place < here; ++place) *place = 0xA5A5A5A5;
  word(0xE000E014) = 0xFFFFFF;
  word(0xE000E018) = 0;
  word(0xE000E010) = 5;
  const std::uint32_t before = word(0xE000E018);
  model.reconstruct(SPACE::test_input, y);
  const std::uint32_t ticks = (before - word(0xE000E018)) & 0xFFFFFF;
  const std::uint32_t* deepest = stack_bottom;
  while (*deepest == 0xA5A5A5A5) ++deepest;
  print("instructions ", ticks * 40);
  print("stack ",
        static_cast<std::uint32_t>(reinterpret_cast<const char*>(stack_top) - reinterpret_cast<const char*>(deepest)));
  print(model.self_test() ? "self_test ok\n" : "self_test FAILED\n");
  semihosting(0x18, reinterpret_cast<const void*>(0x20026));  // exit
  for (;;) {
  }
}

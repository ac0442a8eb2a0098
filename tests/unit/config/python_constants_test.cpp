#include <doctest/doctest.h>

#include "config/python/constants.hpp"

namespace tango::config::python {
namespace {

// The constant X of a class body.
Constant constant(const std::string& body) {
  std::string text = "class Config(object):\n";
  for (std::size_t at = 0; at <= body.size();) {
    const std::size_t end = std::min(body.find('\n', at), body.size());
    text += "    " + body.substr(at, end - at) + "\n";
    at = end + 1;
  }
  for (const Constant& one : constantsOf(text, "Config").constants) {
    if (one.name == "X") {
      return one;
    }
  }
  FAIL("no X");
  return {};
}

template <class T>
bool is(const std::string& expression, const T& value) {
  const Constant read = constant("X = " + expression);
  const T* const held = read.value ? read.value->as<T>() : nullptr;
  return held != nullptr && *held == value;
}

bool isText(const std::string& expression, const std::string& value) {
  return is<std::string>(expression, value);
}
bool isWhole(const std::string& expression, std::int64_t value) {
  return is<std::int64_t>(expression, value);
}
bool isUnreadable(const std::string& expression) {
  const Constant read = constant("X = " + expression);
  return !read.value && !read.unreadable.empty();
}

TEST_CASE("numbers are read in every notation") {
  CHECK(isWhole("3000", 3000));
  CHECK(isWhole("1_000", 1000));
  CHECK(isWhole("0x1F", 31));
  CHECK(isWhole("0o17", 15));
  CHECK(isWhole("0b101", 5));
  CHECK(isWhole("-5", -5));
  CHECK(isWhole("- -5", 5));
  CHECK(is<double>("0.5", 0.5));
  CHECK(is<double>(".5", 0.5));
  CHECK(is<double>("1e3", 1000.0));
  CHECK(is<double>("1.5e-3", 0.0015));
  CHECK(is<bool>("True", true));
  CHECK(is<None>("None", None{}));
}

TEST_CASE("sums are reckoned as Python would") {
  CHECK(isWhole("1000 * 1024", 1'024'000));
  CHECK(isWhole("10 * 1024 * 1024 * 1024  # 10GB", 10'737'418'240));
  CHECK(isWhole("2 + 3 * 4", 14));
  CHECK(isWhole("(2 + 3) * 4", 20));
  CHECK(isWhole("10 - 2 - 3", 5));
  CHECK(isWhole("-7 // 2", -4));
  CHECK(isWhole("-7 % 3", 2));
  CHECK(isWhole("7 % -3", -2));
  CHECK(isWhole("2 ** 3 ** 2", 512));
  CHECK(isWhole("-2 ** 2", -4));
  CHECK(isWhole("(-1) ** 9223372036854775807", -1));
  CHECK(isWhole("1 ** 9223372036854775807", 1));
  CHECK(is<double>("7 / 2", 3.5));
  CHECK(is<double>("2 ** -1", 0.5));
}

TEST_CASE("what Python would not reckon, or not in 64 bits, is not reckoned") {
  for (const char* expression : {"1 / 0",
                                 "1 // 0",
                                 "1 % 0",
                                 "0 ** -1",
                                 "9223372036854775807 + 1",
                                 "-9223372036854775807 - 2",
                                 "2 ** 64",
                                 "10 ** 10 ** 10",
                                 "99999999999999999999",
                                 "1e999",
                                 "3j",
                                 "0x",
                                 "1__z",
                                 "'a' * 9",
                                 "'a' - 'b'",
                                 "[1] * 2",
                                 "-'a'",
                                 "1 +",
                                 "* 2",
                                 "(1",
                                 "1)",
                                 "1 2",
                                 ""}) {
    CAPTURE(expression);
    CHECK(isUnreadable(expression));
  }
}

TEST_CASE("strings are read with all of Python's quotes and escapes") {
  CHECK(isText("'a'", "a"));
  CHECK(isText("\"it's\"", "it's"));
  CHECK(isText("'a' \"b\"", "ab"));
  CHECK(isText("'a' + 'b'", "ab"));
  CHECK(isText("'# no comment'", "# no comment"));
  CHECK(isText(R"('\n\t\\\'\"\x41\101\u00e9\U0001F600\q')", "\n\t\\'\"AA\u00e9\U0001F600\\q"));
  CHECK(isText(R"(r'\n\'')", "\\n\\'"));
  CHECK(isText("u'a'", "a"));
  CHECK(isText("'''a'b'''", "a'b"));
  CHECK(isText("\"\"\"\"quoted\" \"\"\"", "\"quoted\" "));
  CHECK(isText("''", ""));
  for (const char* expression : {"f'{PORT}'", "b'a'", "'a", "'''a", "'\\N{DIGIT ONE}'", "'\\x4'",
                                 "'\\ud800'", "'\\UFFFFFFFF'", "Rb'a'"}) {
    CAPTURE(expression);
    CHECK(isUnreadable(expression));
  }
}

TEST_CASE("a string of several lines does not shift the lines after it") {
  const Constants read = constantsOf(
      "class Config:\n  A = '''x\ny = 1\n'''\n  B = ('one'\n 'two')\n  C = 1 + \\\n 2\n  D = 4\n",
      "Config");
  REQUIRE(read.constants.size() == 4);
  CHECK(*read.constants[0].value->as<std::string>() == "x\ny = 1\n");
  CHECK(*read.constants[1].value->as<std::string>() == "onetwo");
  CHECK(*read.constants[2].value->as<std::int64_t>() == 3);
  CHECK(read.constants[3].line == 9);
}

TEST_CASE("lists, tuples and dicts are read") {
  const Constant list = constant("X = ['a', 'b',\n  # a comment\n 'c',]");
  REQUIRE(list.value);
  REQUIRE(list.value->as<List>());
  CHECK(list.value->as<List>()->size() == 3);
  CHECK(constant("X = 1, 2").value->as<List>()->size() == 2);
  CHECK(constant("X = (1,)").value->as<List>()->size() == 1);
  CHECK(constant("X = ()").value->as<List>()->empty());
  CHECK(constant("X = [1] + [2, 3]").value->as<List>()->size() == 3);
  CHECK(constant("X = {'a': 1, 'b': [2]}").value->as<Dict>()->items.size() == 4);
  for (const char* expression : {"[x for x in y]", "{1, 2}", "[1", "[1 2]", "[*a]", "{**a}"}) {
    CAPTURE(expression);
    CHECK(isUnreadable(expression));
  }
}

TEST_CASE("the environment is not looked at: its default is taken, and it is said") {
  for (const char* expression :
       {"os.getenv('HOME', 'fallback')", "os.environ.get('HOME', 'fallback')",
        "os.getenv('HOME', 'FALLBACK').lower()"}) {
    const Constant read = constant(std::string("X = ") + expression);
    CAPTURE(expression);
    REQUIRE(read.value);
    CHECK(*read.value->as<std::string>() == "fallback");
    CHECK(read.environment == std::vector<std::string>{"HOME"});
  }
  CHECK(is<None>("os.getenv('HOME')", None{}));
  CHECK(isText("os.getenv('HOME') or 'x'", "x"));
  CHECK(isWhole("int(os.getenv('PORT', '3000'))", 3000));
  CHECK(isUnreadable("os.environ['HOME']"));
}

TEST_CASE("a name has the value that it was given before") {
  CHECK(*constant("A = 'B'\nX = os.getenv('HOME', A).lower()").value->as<std::string>() == "b");
  CHECK(*constant("X = Y = 3").value->as<std::int64_t>() == 3);
  CHECK(*constant("X: int = 4").value->as<std::int64_t>() == 4);
  CHECK(constant("X = ['a']\nX += ['b']").value->as<List>()->size() == 2);
  CHECK(*constant("X = 1\nX = 2").value->as<std::int64_t>() == 2);
  CHECK(*constant("X = 1; Y = 2").value->as<std::int64_t>() == 1);
  const Constants read = constantsOf("BASE = 7\nclass Config:\n\tX = BASE + 1\n", "Config");
  CHECK(*read.constants.at(0).value->as<std::int64_t>() == 8);
}

TEST_CASE("what only Python can know is not guessed") {
  for (const char* expression :
       {"time.time()", "logging.DEBUG", "TashiSSH()", "unknown", "open('/etc/passwd').read()",
        "__import__('os').system('true')", "A if B else C", "lambda: 1", "not True", "1 < 2",
        "'a'.join(['b'])", "'a'[0]", "int('x')", "$", "`1`"}) {
    CAPTURE(expression);
    CHECK(isUnreadable(expression));
  }
  CHECK_FALSE(constant("X = 1\nif A:\n    X = 2").value);
  CHECK_FALSE(constant("X = unknown\nX += 1").value);
  CHECK_FALSE(constant("A = unknown\nX = A").value);
}

TEST_CASE("only the class that was asked for counts, and functions do not") {
  const Constants read = constantsOf(
      "X = 1\n\nclass Other:\n  X = 2\n\nclass Config(object):\n  \"\"\"doc\"\"\"\n  X = 3\n"
      "  def f(self):\n    Y = 4\n\nX = 5\n",
      "Config");
  CHECK(read.found);
  REQUIRE(read.constants.size() == 2);
  CHECK(*read.constants[0].value->as<std::int64_t>() == 3);
  CHECK_FALSE(read.constants[1].value);
  CHECK_FALSE(constantsOf("X = 1\n", "Config").found);
  CHECK_FALSE(constantsOf("", "Config").found);
}

TEST_CASE("a file that is made to fill memory or the stack does neither") {
  std::string doubling = "class Config:\n X = ['a', 'b']\n";
  for (int line = 0; line < 200; ++line) {
    doubling += " X = X + X\n Y" + std::to_string(line) + " = [X, X]\n";
  }
  CHECK(constantsOf(doubling, "Config").found);
  for (const std::string& deep : {std::string(100'000, '('), std::string(100'000, '['),
                                  std::string(100'000, '-'), std::string(100'000, '{')}) {
    CHECK(isUnreadable(deep));
  }
  std::string powers = "2";
  for (int at = 0; at < 900; ++at) {
    powers += "**2";
  }
  CHECK(isUnreadable(powers));
}

}  // namespace
}  // namespace tango::config::python

#include "kilm/prepare/description.h"

#include <doctest/doctest.h>

#include <string>

using kilm::prepare::keep_paragraph;
using kilm::prepare::says_something;

TEST_CASE("descriptions that say nothing are rejected, and no others") {
  for (const char* text : {"U.S. state", "Redirection of rivers in Kent", "Redirect examination in law",
                           "Hill | mound in Kent", "Mill|thumb|220px", "thumb of a hand", "Portrait", "A = B"})
    CHECK_MESSAGE(says_something(text), text);
  for (const char* text : {"", "X may refer to: y", "Redirect to y", "REDIRECT y", "redirect: y", "thumb", "right",
                           "Wikipedia List Article"})
    CHECK_MESSAGE(!says_something(text), text);
}

TEST_CASE("paragraphs with notices, addresses and names of files are dropped, and no others") {
  for (const char* text :
       {"A sentence.", "Redirection of rivers is old.", "Redirect to a server is a technique.", "Redirects are pages.",
        "The book Self-Image: A Study was printed.", "Image: A Study is a book.", "File: the tool.", "A File:system",
        "The prefix http: stands first.", "http:// begins an address.", "Born in 1950 in aviation."})
    CHECK_MESSAGE(keep_paragraph(text), text);
  for (const char* text : {"", "REDIRECT x", "Redirect to x", "see File:x.jpg", "see http://x", "see https://x",
                           "see Image:A mill.PNG|thumb", "(File:y.svg"})
    CHECK_MESSAGE(!keep_paragraph(text), text);
}

TEST_CASE("paragraphs with many prefixes of files are read in a time linear in their length") {
  std::string text;
  for (int i = 0; i < 100000; ++i) text += "Image:a File: b ";
  CHECK(keep_paragraph(text));
}

#pragma once

#include <array>
#include <cstddef>
#include <eigencoder/core/target.hpp>
#include <string_view>

namespace eigencoder::inline EIGENCODER_TARGET::font {

/// A font of small letters, digits and a few signs: 5 x 9 dots a sign, the last two rows below the line.
inline constexpr int width = 5;
inline constexpr int height = 9;

namespace detail {

inline constexpr std::size_t signs_per_band = 16;
inline constexpr std::string_view signs = "abcdefghijklmnopqrstuvwxyz0123456789.-+/():=%_,*";
inline constexpr std::array<std::string_view, 27> dots = {
    "      #               #         ##        #       #      #  #      ##                          ",
    "      #               #        #          #                 #       #                          ",
    " ###  ####   ####  ####  ###  ####   #### ####   ##     ##  #  #    #   ## #  ####   ###  #### ",
    "    # #   # #     #   # #   #  #    #   # #   #   #      #  # #     #   # # # #   # #   # #   #",
    " #### #   # #     #   # #####  #    #   # #   #   #      #  ##      #   # # # #   # #   # #   #",
    "#   # #   # #     #   # #      #    #   # #   #   #      #  # #     #   # # # #   # #   # #   #",
    " #### ####   ####  ####  ###   #     #### #   #  ###     #  #  #   ###  # # # #   #  ###  #### ",
    "                                        #                #                                #    ",
    "                                     ###               ##                                 #    ",
    "                   #                                         ###    #    ###  ####     #  #####",
    "                   #                                        #   #  ##   #   #     #   ##  #    ",
    " #### # ##   #### ####  #   # #   # #   # #   # #   # ##### #  ##   #       #     #  # #  #### ",
    "#   # ##    #      #    #   # #   # # # #  # #  #   #    #  # # #   #      #   ###  #  #      #",
    "#   # #      ###   #    #   # #   # # # #   #   #   #   #   ##  #   #     #       # #####     #",
    "#   # #         #  #    #   #  # #  # # #  # #  #   #  #    #   #   #    #        #    #  #   #",
    " #### #     ####    ##   ####   #    # #  #   #  #### #####  ###   ###  ##### ####     #   ### ",
    "    #                                               #                                          ",
    "    #                                            ###                                           ",
    "  ##  #####  ###   ###                        #    #   #                ##  #                  ",
    " #        # #   # #   #                       #   #     #               ## #                #  ",
    "#        #  #   # #   #               #      #   #       #   ##   #####    #              # # #",
    "####    #    ###   ####        ###    #     #    #       #   ##           #                ### ",
    "#   #   #   #   #     #             #####  #     #       #        #####  #                # # #",
    "#   #   #   #   #    #   ##           #   #       #     #    ##          # ##        ##     #  ",
    " ###    #    ###   ##    ##           #   #        #   #     ##         #  ##        ##        ",
    "                                                                              #####   #        ",
    "                                                                                     #         ",
};

}  // namespace detail

/// Whether the sign has a dot in this column and row. Capital letters are shown small, unknown signs empty.
constexpr bool has_dot(char sign, int column, int row) {
  if (sign >= 'A' && sign <= 'Z') sign = static_cast<char>(sign - 'A' + 'a');
  const std::size_t index = detail::signs.find(sign);
  if (index == std::string_view::npos) return false;
  const std::size_t band = index / detail::signs_per_band;
  const std::size_t place = index % detail::signs_per_band;
  return detail::dots[band * std::size_t{height} + static_cast<std::size_t>(row)]
                     [place * std::size_t{width + 1} + static_cast<std::size_t>(column)] == '#';
}

/// The width of a text in pixels, its dots being `size` pixels wide.
constexpr int text_width(std::string_view text, int size) {
  return text.empty() ? 0 : (static_cast<int>(text.size()) * (width + 1) - 1) * size;
}

}  // namespace eigencoder::inline EIGENCODER_TARGET::font

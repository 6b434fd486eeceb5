/* SPDX-License-Identifier: MIT */
/* libfreetype.so.6: what it prints must be the same natively.  Begun by
 * scripts/new-pack, with what takes no arguments; a clock, say, is no test. */
#include <stdio.h>
#include <ft2build.h>
#include <freetype/freetype.h>
#include <freetype/ftadvanc.h>
#include <freetype/ftbbox.h>
#include <freetype/ftbdf.h>
#include <freetype/ftbitmap.h>
#include <freetype/ftbzip2.h>
#include <freetype/ftcache.h>
#include <freetype/ftcid.h>
#include <freetype/ftcolor.h>
#include <freetype/fterrors.h>
#include <freetype/ftfntfmt.h>
#include <freetype/ftgasp.h>
#include <freetype/ftglyph.h>
#include <freetype/ftgxval.h>
#include <freetype/ftgzip.h>
#include <freetype/ftimage.h>
#include <freetype/ftincrem.h>
#include <freetype/ftlcdfil.h>
#include <freetype/ftlist.h>
#include <freetype/ftlogging.h>
#include <freetype/ftlzw.h>
#include <freetype/ftmm.h>
#include <freetype/ftmodapi.h>
#include <freetype/ftotval.h>
#include <freetype/ftoutln.h>
#include <freetype/ftpfr.h>
#include <freetype/ftrender.h>
#include <freetype/ftsizes.h>
#include <freetype/ftsnames.h>
#include <freetype/ftstroke.h>
#include <freetype/ftsynth.h>
#include <freetype/ftsystem.h>
#include <freetype/fttrigon.h>
#include <freetype/fttypes.h>
#include <freetype/ftwinfnt.h>
#include <freetype/otsvg.h>
#include <freetype/t1tables.h>
#include <freetype/tttables.h>

int main(void)
{
    return 0;
}

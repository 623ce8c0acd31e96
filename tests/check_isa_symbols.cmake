# Fails if an object of kernels for one instruction set gives the linker anything but its own tables: a shared inline
# function compiled for AVX-512 must never end up in code that runs on every processor.
# cmake -DNM=nm -DFOLDER=<build folder> -P check_isa_symbols.cmake
foreach(isa avx2 avx512)
  execute_process(COMMAND ${NM} -C --defined-only --extern-only ${FOLDER}/cpu_${isa}.o OUTPUT_VARIABLE symbols
                  COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL "[^\n]+" symbols "${symbols}")
  list(LENGTH symbols count)
  if(count EQUAL 0)
    message(FATAL_ERROR "cpu_${isa}.o: no symbols; the kernel tables should be there")
  endif()
  list(FILTER symbols EXCLUDE REGEX "^[0-9a-f]+ [A-Z] tensor::cpu::${isa}::[a-z]+_kernels$")
  if(symbols)
    list(JOIN symbols "\n" symbols)
    message(FATAL_ERROR "cpu_${isa}.o: global symbols outside of its tables:\n${symbols}")
  endif()
endforeach()

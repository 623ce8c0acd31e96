# Installs the framework from BUILD into a fresh folder, builds the project beside this file against it, with the
# lessons in the folder LESSONS, and runs all of that.
# cmake -DBUILD=... -DGENERATOR=... -DCOMPILER=... -DBUILD_TYPE=... -DFLAGS=... -DLESSONS=... -P run.cmake
cmake_minimum_required(VERSION 3.25)

function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    list(JOIN ARGV " " words)
    message(FATAL_ERROR "${result} from ${words}")
  endif()
endfunction()

set(prefix ${BUILD}/outside/prefix)
file(REMOVE_RECURSE ${BUILD}/outside)
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix} --component framework)

# What is public is there, and nothing else.
file(GLOB_RECURSE headers RELATIVE ${prefix}/include/kilm ${prefix}/include/*)
foreach(header tensor/tensor.h tensor/kernels.h autograd/ops/composite.h nn/module.h optim/adamw.h kilm/generation/generate.h
               kilm/tokenizer/tokenizer.h kilm/objective/infill.h)
  if(NOT header IN_LIST headers)
    message(FATAL_ERROR "${header} is not installed")
  endif()
endforeach()
list(REMOVE_ITEM headers tensor/cuda/backend.h)
list(FILTER headers EXCLUDE REGEX "^((tensor|autograd|nn|optim|kilm)/.*|tests/op_case)\\.h$")
file(GLOB inner ${prefix}/include/kilm/tensor/cpu/*)
if(headers OR inner)
  message(FATAL_ERROR "these are no public headers: ${headers} ${inner}")
endif()

run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${BUILD}/outside/build -G ${GENERATOR}
    -DCMAKE_PREFIX_PATH=${prefix} -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_BUILD_TYPE=${BUILD_TYPE}
    -DCMAKE_CXX_FLAGS=${FLAGS} -DLESSONS=${LESSONS})
run(${CMAKE_COMMAND} --build ${BUILD}/outside/build --parallel)
run(${CMAKE_CTEST_COMMAND} --test-dir ${BUILD}/outside/build --output-on-failure --no-tests=error)

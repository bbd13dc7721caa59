// A loop over several threads. Rows are dealt out in pieces as threads come for them, so that a
// thread that is late (other work holds its core) delays nobody for longer than a piece.
#pragma once
#include <immintrin.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

class ThreadPool {
 public:
  /** The process's pool; as many threads as TensorFlow's ops take. Never destroyed. */
  static ThreadPool& get() {
    static ThreadPool* pool = new ThreadPool(threads());
    return *pool;
  }

  /** Calls body(piece) for each piece from 0 to pieces - 1, and returns when all are done. */
  void run(int64_t pieces, const std::function<void(int64_t)>& body) {
    Loop loop{pieces, &body};
    if (pieces > 1 && workers_ > 0) {
      std::lock_guard<std::mutex> lock(mutex_);
      loops_.push_back(&loop);
      wake_.notify_all();
    }
    work(loop);
    if (pieces > 1 && workers_ > 0) {
      std::unique_lock<std::mutex> lock(mutex_);
      loops_.erase(std::remove(loops_.begin(), loops_.end(), &loop), loops_.end());
      idle_.wait(lock, [&] { return loop.helpers == 0; });
    }
  }

 private:
  struct Loop {
    const int64_t pieces;
    const std::function<void(int64_t)>* body;
    std::atomic<int64_t> next{0};
    int helpers = 0;  // guarded by the pool's mutex
  };

  explicit ThreadPool(int threads) : workers_(threads - 1) {
    for (int i = 0; i < workers_; i++) std::thread([this] { help(); }).detach();
  }

  static int threads() {
    const char* set = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int count = set ? std::atoi(set) : 0;
    return std::max(1, count > 0 ? count : static_cast<int>(std::thread::hardware_concurrency()));
  }

  static void work(Loop& loop) {
    for (int64_t i; (i = loop.next.fetch_add(1)) < loop.pieces;) (*loop.body)(i);
  }

  void help() {
    _MM_SET_FLUSH_ZERO_MODE(_MM_FLUSH_ZERO_ON);  // as TensorFlow's threads do
    _MM_SET_DENORMALS_ZERO_MODE(_MM_DENORMALS_ZERO_ON);
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      Loop* loop = nullptr;
      wake_.wait(lock, [&] {
        for (Loop* l : loops_) {
          if (l->next.load() < l->pieces) return (loop = l) != nullptr;
        }
        return false;
      });
      loop->helpers++;
      lock.unlock();
      work(*loop);
      lock.lock();
      if (--loop->helpers == 0) idle_.notify_all();
    }
  }

  const int workers_;
  std::mutex mutex_;
  std::condition_variable wake_, idle_;
  std::vector<Loop*> loops_;
};

/** How rows are cut into pieces: by their number alone, so that sums come out alike on any machine. */
struct Pieces {
  Pieces(int64_t rows, int64_t elementsPerRow) : rows(rows) {
    constexpr int64_t smallest = 16 * 1024, most = 32;
    const int64_t wanted = std::min(most, rows * elementsPerRow / smallest);
    size = (rows + std::max<int64_t>(wanted, 1) - 1) / std::max<int64_t>(wanted, 1);
    size = std::max<int64_t>(size, 1);
    count = (rows + size - 1) / size;
  }
  /** body(begin, end, piece) */
  template <typename Body>
  void forEach(const Body& body) const {
    ThreadPool::get().run(
        count, [&](int64_t i) { body(i * size, std::min(rows, (i + 1) * size), i); });
  }
  int64_t rows, size, count;
};

/** Sums over rows, per column: a buffer a piece, added up in order. */
class ColumnSums {
 public:
  ColumnSums(const Pieces& pieces, int64_t columns)
      : pieces_(pieces.count), columns_(columns), sums_(pieces.count * columns, 0.f) {}
  float* of(int64_t piece) { return sums_.data() + piece * columns_; }
  void total(float* out) const {
    for (int64_t j = 0; j < columns_; j++) out[j] = 0;
    for (int64_t i = 0; i < pieces_; i++) {
      for (int64_t j = 0; j < columns_; j++) out[j] += sums_[i * columns_ + j];
    }
  }

 private:
  int64_t pieces_, columns_;
  std::vector<float> sums_;
};
